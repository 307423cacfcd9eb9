"""Files and frames of bars, read as rows with all that is wrong with them."""
