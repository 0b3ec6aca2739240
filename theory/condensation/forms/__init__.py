"""The leading form H of data under an activation, smooth or kinked."""
