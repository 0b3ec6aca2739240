"""The kinds of prediction, one file each: all that a run does with one and says of it.

A new one is found by being here. `validate.decisions.rules` has what most of them say alike.
"""
