"""The rules by themselves: no database, no HTTP, no clock."""
