"""What kinds of prediction are made of: what a kind must say, and the rules that several share.

`base` is what a kind must say and finds the kinds; `means` and `shares_of_units` are the two
families that most kinds belong to.
"""
