"""The docs are true: commands run, links lead somewhere, tables are what the data gives."""
