"""Which neuron ends where, and which die: the flow from small weights."""
