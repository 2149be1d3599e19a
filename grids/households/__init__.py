"""Who lives where: households, their people, tags, the matrix of a building (楼盘表), base figures, grid elements."""
