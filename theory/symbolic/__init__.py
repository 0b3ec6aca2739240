"""From text to an activation: expression, one-sided series at 0, leading part."""
