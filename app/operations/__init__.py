"""Operations: the boundary of need-to-know, with the organisations that are its members."""
