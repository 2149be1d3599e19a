"""The launcher: real PostgreSQL and Valkey without installing either, for `make demo` and `make test`.

`python -m governance.devstack {demo|test|services|run|clean-data}`. State lives in `var/` (or `DEVSTACK_DIR`);
nothing but the web port on 127.0.0.1 listens on TCP. Made for Linux; production does not use it.
"""
