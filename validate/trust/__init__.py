"""Whether verdicts can be trusted: calibration, complete synthetic runs, wrong theories."""
