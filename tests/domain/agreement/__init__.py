"""The rules of agreements, told on the Azovstal case of spring 2022."""
