"""The database: connections, transactions, column types, guards, migrations."""
