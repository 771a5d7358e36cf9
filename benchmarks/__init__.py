"""Commands that measure the promises of docs/benchmarks.md; nothing else may run on the machine meanwhile."""
