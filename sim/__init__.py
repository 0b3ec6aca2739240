"""What does happen: simulations with PyTorch that measure what a theory predicts."""

import time

LOADED = time.time()  # before any module here; `sim.engine.loaded` asks
