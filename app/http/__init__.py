"""What every route shares: strict reading, problem documents, versions, pages, sessions."""
