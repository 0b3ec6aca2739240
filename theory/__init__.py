"""What should happen: symbolic predictions of deep-learning theory (never imports torch)."""

import time

LOADED = time.time()  # before any module here; `sim.engine.loaded` asks
