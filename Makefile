# make dev       build/dev/pangolin, plugins as files in build/plugins/
# make release   build/pangolin: one file, plugins inside
# make deb       build/pangolin_VERSION_ARCH.deb from it
# make unit      the unit tests; make store, cache: the contracts of plugins
# make ui        assets/ from ui/, with the node of build/venv or the machine
# make fuzz      the fuzz targets in build/fuzz/fuzz/
# make bench     what measures: build/release/load and store-bench
# FORM=asan, tsan, clang: the same otherwise compiled; V=1 shows the commands.
# The flags are in build.conf; plugins/plugins.mk names the plugins.

FORM    ?= dev
VERSION := 0.1.0
B       := build/$(FORM)
DEPS    := build/deps
KORE    := /usr/share/kore
KOBJ    := build/kore
ifneq ($(filter clang fuzz,$(FORM)),)
CC      := clang-14
endif
Q       := $(if $(V),,@)
say      = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))

# build.conf: the lines before the first block, and those of the form's.
conf     = $(shell awk -v form=$(1) -v key=$(2) ' \
	/^[a-z]+ \{/ { block = $$1 } /^}/ { block = "" } \
	(block == "" || block == form) && index($$0, key "=") { \
		sub(/^[ \t]*[a-z]+=/, ""); print }' build.conf)
CFLAGS  := $(call conf,$(FORM),cflags) $(if $(WERROR),-Werror) -fPIC -MMD -MP \
	   -Isrc -I. -isystem $(DEPS) -isystem $(KORE)/include \
	   -DKORE_SINGLE_BINARY -DPANGOLIN_VERSION='"$(VERSION)"'
LDFLAGS := $(call conf,$(FORM),ldflags)
SAN     := $(filter asan tsan fuzz,$(FORM))

STATIC  := -l:libsodium.a -l:libdeflate.a -l:libzstd.a \
	   -L$(DEPS)/curl -l:libcurl.a -l:libssl.a -l:libcrypto.a
HOST_LD := -pie -Wl,--exclude-libs,ALL -Wl,--gc-sections -Wl,-z,relro,-z,now \
	   -Wl,--dynamic-list=src/exported.syms \
	   -Wl,--wrap=mkstemp64,--wrap=kore_log,--wrap=kore_proctitle \
	   -Wl,--wrap=shmget,--wrap=shmat,--wrap=shmctl \
	   -Wl,--wrap=kore_worker_init,--wrap=kore_worker_shutdown \
	   -Wl,--wrap=kore_timer_run

include plugins/plugins.mk

objects   = $(patsubst %.c,$(B)/obj/%.o,$(1))
BASE     := $(call objects,$(wildcard src/base/*.c)) $(B)/obj/yyjson.o
HOST     := $(call objects,$(wildcard src/*/*.c)) $(B)/obj/yyjson.o \
	    $(B)/obj/pages_embedded.o
PLUGDIR  := $(if $(filter dev,$(FORM)),build/plugins,$(B)/plugins)
SO       := $(PLUGINS:%=$(PLUGDIR)/%.so)
PROGRAM  := $(if $(filter release,$(FORM)),build/pangolin,$(B)/pangolin)

.PHONY: all dev release libraries deb plugins program tests unit store cache \
    model fuzz ui bench fuzz-targets load clean
all: dev
dev:
	@$(MAKE) --no-print-directory FORM=dev program plugins
release:
	@$(MAKE) --no-print-directory FORM=release program
deb: release
	$(call say,DEB,build)
	$(Q)packaging/build build/pangolin $(VERSION) build >build/deb.log
program: $(PROGRAM) ; @:
plugins: $(SO) ; @:

# ---- what others wrote
libraries: $(DEPS)/.done $(DEPS)/pq/.done $(DEPS)/mongoc/.done \
    $(DEPS)/curl/.done ; @:
$(DEPS)/.done: deps/fetch
	$(call say,FETCH,$(DEPS))
	$(Q)rm -f $@ && deps/fetch $(DEPS) && touch $@
$(DEPS)/yyjson.c: $(DEPS)/.done ;
$(DEPS)/%/.done: deps/%
	$(call say,FETCH,$(@D))
	$(Q)rm -f $@ && deps/$* $(@D) && touch $@
$(B)/obj/yyjson.o: $(DEPS)/.done
	@mkdir -p $(@D)
	$(call say,CC,yyjson.c)
	$(Q)$(CC) -std=c11 -O2 -g -fPIC -fvisibility=hidden -ffunction-sections \
	    $(LDFLAGS) -c $(DEPS)/yyjson.c -o $@
$(KOBJ)/.done:
	@mkdir -p $(@D)
	$(call say,KORE,$(KOBJ))
	$(Q)$(MAKE) -s -C $(KORE) objects KORE_SINGLE_BINARY=1 \
	    OBJDIR=$(abspath $(KOBJ)) $(if $(V),,>$(KOBJ)/log)
	@touch $@

# ---- ours
$(B)/obj/%.o: %.c build.conf Makefile $(DEPS)/.done
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS) -c $< -o $@
CURL_USERS := $(call objects,src/object/curl_memory.c src/object/s3_http.c \
    src/cli/libraries.c src/client/client_http.c)
$(CURL_USERS): $(DEPS)/curl/.done
$(CURL_USERS): CFLAGS += -isystem $(DEPS)/curl/include
$(B)/libbase.a: $(BASE)
	@rm -f $@ && $(AR) rcs $@ $^
$(B)/libhost.a: $(HOST)
	@rm -f $@ && $(AR) rcs $@ $^

define plugin
$(call objects,$(wildcard $(call folder,$(1))/*.c)): $(DEPS_$(1):%=$(DEPS)/%/.done)
$(call objects,$(wildcard $(call folder,$(1))/*.c)): \
    CFLAGS += $(DEPS_$(1):%=-isystem $(DEPS)/%/include)
$(PLUGDIR)/$(1).so: $(call objects,$(wildcard $(patsubst %,%/*.c,$(call folder,$(1)) $(SHARES_$(1))))) $(B)/libbase.a
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)
	$(Q)$$(CC) $$(LDFLAGS) -shared $$(filter %.o,$$^) $(B)/libbase.a -o $$@ \
	    -Wl,--exclude-libs,ALL -Wl,--gc-sections \
	    $(if $(SAN),,-Wl$(comma)-z$(comma)defs) $(LIBS_$(1)) -lpthread -ldl
endef
comma := ,
$(foreach p,$(PLUGINS),$(eval $(call plugin,$(p))))

# The release carries the plugins as gzip blobs; the other forms none.
CARRIED := $(if $(filter release,$(FORM)),$(PLUGINS))
$(B)/gen/%.gz: $(PLUGDIR)/%.so
	@mkdir -p $(@D)
	$(Q)strip -o $(B)/gen/$*.so $<
	$(Q)gzip -9nc $(B)/gen/$*.so >$@
$(B)/gen/embedded.S: kore.conf plugins/embed $(CARRIED:%=$(B)/gen/%.gz)
	@mkdir -p $(@D)
	$(Q)plugins/embed kore.conf $(CARRIED:%=$(B)/gen/%.gz) >$@
$(B)/obj/embedded.o: $(B)/gen/embedded.S
	@mkdir -p $(@D)
	$(Q)$(CC) -c $< -o $@

# Every form carries the admin's page.
ASSETS := $(notdir $(wildcard assets/*))
$(B)/gen/assets/%.gz: assets/%
	@mkdir -p $(@D)
	$(Q)gzip -9nc $< >$@
$(B)/gen/pages_embedded.S: assets ui/embed $(ASSETS:%=$(B)/gen/assets/%.gz)
	@mkdir -p $(@D)
	$(Q)ui/embed assets $(filter %.gz,$^) >$@
$(B)/obj/pages_embedded.o: $(B)/gen/pages_embedded.S
	@mkdir -p $(@D)
	$(Q)$(CC) -c $< -o $@
ui:
	$(call say,UI,assets)
	$(Q)ui/build assets

# Not from the archive: --exclude-libs would hide what kore looks up by name.
$(PROGRAM): $(B)/obj/src/main.o $(B)/obj/embedded.o $(HOST) \
    $(KOBJ)/.done src/exported.syms
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) $(HOST_LD) $(filter %.o,$^) $(KOBJ)/*.o \
	    $(DEPS)/libllhttp.a $(STATIC) -lpthread -ldl -lm -o $@

# ---- tests
TEST_LIBS := $(DEPS)/libllhttp.a $(STATIC) -lcmocka -lpthread -ldl -lm
UNIT := $(patsubst %.c,$(B)/unit/%,$(notdir \
	$(wildcard tests/unit/test_*.c tests/http/framing/test_*.c)))
define link_unit
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) $< $(B)/libhost.a $(TEST_LIBS) -o $@
endef
$(B)/unit/%: $(B)/obj/tests/unit/%.o $(B)/libhost.a
	$(link_unit)
$(B)/unit/%: $(B)/obj/tests/http/framing/%.o $(B)/libhost.a
	$(link_unit)
# Plans of MongoDB are BSON.
$(B)/obj/tests/unit/test_plan.o: $(DEPS)/mongoc/.done
$(B)/obj/tests/unit/test_plan.o: CFLAGS += -isystem $(DEPS)/mongoc/include
$(B)/unit/test_plan: TEST_LIBS += -L$(DEPS)/mongoc -l:libbson-static-1.0.a \
				  -lrt
unit: $(UNIT) $(SO)
	@PANGOLIN_PLUGINS=$(PLUGDIR) tests/unit/run $(UNIT)

# What tests/filters/differential.py asks.
$(B)/filters/judge: $(B)/obj/tests/filters/judge.o $(B)/libhost.a
	$(link_unit)

# What tests/s3 asks.
$(B)/s3/s3_calls: $(B)/obj/tests/s3/s3_calls.o $(B)/libhost.a
	$(link_unit)

# What tests/merge asks.
$(B)/merge/merge_tables: $(B)/obj/tests/merge/merge_tables.o $(B)/libhost.a
	$(link_unit)

# Plugins of a kind.  Under TSan not those whose libraries talk to servers:
# nothing of these is instrumented, so it takes their locks for none.
plugins_of = $(filter $(PLUGDIR)/$(1)-%,$(if $(filter tsan,$(FORM)), \
	     $(filter-out %-mongo.so %-postgres.so %-redis.so,$(SO)),$(SO)))

# One program, run on every store by its file.
STORE_SUITE := $(B)/store/suite
$(STORE_SUITE): $(call objects,$(wildcard tests/store/*.c)) $(B)/libhost.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) $(filter %.o,$^) $(B)/libhost.a $(TEST_LIBS) -o $@
store: $(STORE_SUITE) $(SO)
	@tests/store/run $(STORE_SUITE) $(call plugins_of,store)

# The same for caches.
CACHE_SUITE := $(B)/cache/suite
$(CACHE_SUITE): $(call objects,$(wildcard tests/cache/*.c)) $(B)/libhost.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) $(filter %.o,$^) $(B)/libhost.a $(TEST_LIBS) -o $@
cache: $(CACHE_SUITE) $(SO)
	@tests/store/run $(CACHE_SUITE) $(call plugins_of,cache)

# Random histories of branches on every store, or on those of MODEL_STORES.
MODEL := $(B)/model/model
$(MODEL): $(call objects,$(wildcard tests/model/*.c)) $(B)/libhost.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) $(filter %.o,$^) $(B)/libhost.a $(TEST_LIBS) -o $@
model: $(MODEL) $(SO)
	@tests/store/run $(MODEL) $(if $(MODEL_STORES), \
	    $(MODEL_STORES:%=$(PLUGDIR)/store-%.so),$(call plugins_of,store))
tests: $(UNIT) $(STORE_SUITE) $(CACHE_SUITE) $(MODEL) $(B)/load \
    $(B)/merge/merge_tables $(B)/s3/s3_calls ; @:

FUZZ := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
$(B)/fuzz/%: $(B)/obj/tests/fuzz/%.o $(B)/libhost.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer $< $(B)/libhost.a \
	    $(filter-out -lcmocka,$(TEST_LIBS)) -o $@
fuzz:
	@$(MAKE) --no-print-directory FORM=fuzz fuzz-targets
fuzz-targets: $(FUZZ) ; @:

bench:
	@$(MAKE) --no-print-directory FORM=release load
load: $(B)/load $(B)/store-bench ; @:
$(B)/store-bench: $(B)/obj/bench/store.o $(B)/libhost.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) $< $(B)/libhost.a \
	    $(filter-out -lcmocka,$(TEST_LIBS)) -o $@
$(B)/load: $(B)/obj/bench/load.o $(B)/obj/src/base/priority.o
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) $^ -o $@

clean:
	rm -rf build
.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
