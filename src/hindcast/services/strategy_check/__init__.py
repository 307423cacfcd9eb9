"""The check of a strategy: parameters, building, a run on sample bars with the full look-ahead proof."""
