"""Sources: the evidence on which facts rest."""
