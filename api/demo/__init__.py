"""`bankable demo`: the main job on one machine, from an empty folder to a bankable proposal, as its people do it."""
