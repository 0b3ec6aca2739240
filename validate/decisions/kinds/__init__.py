"""The kinds of prediction, one file each: all that a run does with one and says of it.

`base` is what a kind must say, with what most say alike, and finds the kinds; a new one is found
by being here. `means` and `shares_of_units` are the two families that most kinds belong to.
"""
