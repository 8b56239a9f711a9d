"""Files of features: one writer for each form, which knows neither requests nor the database."""
