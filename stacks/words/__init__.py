"""Words: problems as people see them, what is hidden from them, and what a misspelt name meant. The lowest floor of stacks."""
