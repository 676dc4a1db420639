"""Alembic history of the order store's tables (version table `alembic_version_orders`)."""
