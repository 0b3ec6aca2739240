"""Gradients of multilayer networks in machine code, samples running along vectors.

`sim.networks.multilayer` says the same in torch calls.
"""
