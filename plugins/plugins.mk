# Every plugin: its kind and name is its folder, plugins/<kind>-<name>.
PLUGINS := store-memory store-sqlite

# Folders of sources beside its own, and what is linked into it.
SHARES_store-memory := plugins/contract plugins/log
SHARES_store-sqlite := plugins/contract plugins/log plugins/sql
LIBS_store-sqlite   := -l:libsqlite3.a -lm
