"""HTTP: parse, authorise, call one use case, render. One noun a file."""
