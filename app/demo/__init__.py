"""The Azovstal case of spring 2022, replayed through the same services as the API."""
