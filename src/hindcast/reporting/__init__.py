"""From a result to what a person reads: Plotly figures, comparisons, and the self-contained HTML report."""
