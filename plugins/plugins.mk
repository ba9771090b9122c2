# Every plugin: its kind and name is its folder, plugins/<kind>-<name>; but
# those of caches are plugins/cache/<name>.
PLUGINS := store-memory store-sqlite store-postgres store-mongo \
    cache-memory cache-redis cache-store
folder   = plugins/$(patsubst cache-%,cache/%,$(1))

# Folders of sources beside its own, what is linked into it, and what of deps/
# it needs: build/deps/NAME is made by deps/NAME.
SHARES_store-memory := plugins/contract plugins/rowlog
SHARES_store-sqlite := plugins/contract plugins/rowlog plugins/sql \
		       plugins/watch
LIBS_store-sqlite   := -l:libsqlite3.a -lm
LIBS_cache-redis    := -l:libhiredis.a
LIBS_cache-store    := -l:libsodium.a -l:libdeflate.a

SHARES_store-postgres := plugins/contract plugins/rowlog plugins/sql \
			 plugins/watch
DEPS_store-postgres   := pq
LIBS_store-postgres   := -L$(DEPS)/pq -l:libpq.a -l:libpgcommon_shlib.a \
			 -l:libpgport_shlib.a -l:libssl.a -l:libcrypto.a -lm

SHARES_store-mongo := plugins/contract plugins/rowlog plugins/watch
DEPS_store-mongo   := mongoc
LIBS_store-mongo   := -L$(DEPS)/mongoc -l:libmongoc-static-1.0.a \
		      -l:libbson-static-1.0.a -l:libssl.a -l:libcrypto.a \
		      -l:libz.a -lresolv -lm
