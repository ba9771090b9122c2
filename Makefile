# make dev       build/dev/pangolin, plugins as files in build/plugins/
# make release   build/pangolin: one file, plugins inside
# make unit      the unit tests; FORM=asan under the sanitizers
# The flags are in build.conf; plugins/plugins.mk names the plugins.

FORM    ?= dev
VERSION := 0.1.0
B       := build/$(FORM)
DEPS    := build/deps
KORE    := /usr/share/kore
KOBJ    := build/kore

# build.conf: the lines before the first block, and those of the form's.
conf     = $(shell awk -v form=$(1) -v key=$(2) ' \
	/^[a-z]+ \{/ { block = $$1 } /^}/ { block = "" } \
	(block == "" || block == form) && index($$0, key "=") { \
		sub(/^[ \t]*[a-z]+=/, ""); print }' build.conf)
CFLAGS  := $(call conf,$(FORM),cflags) $(if $(WERROR),-Werror) -fPIC -MMD -MP \
	   -Isrc -I. -isystem $(DEPS) -isystem $(KORE)/include \
	   -DKORE_SINGLE_BINARY -DPANGOLIN_VERSION='"$(VERSION)"'
LDFLAGS := $(call conf,$(FORM),ldflags)
SAN     := $(filter asan tsan,$(FORM))

STATIC  := -l:libsodium.a -l:libdeflate.a -l:libssl.a -l:libcrypto.a
HOST_LD := -pie -Wl,--exclude-libs,ALL -Wl,--gc-sections -Wl,-z,relro,-z,now \
	   -Wl,--dynamic-list=src/exported.syms

include plugins/plugins.mk

objects   = $(patsubst %.c,$(B)/obj/%.o,$(1))
BASE     := $(call objects,$(wildcard src/base/*.c)) $(B)/obj/yyjson.o
HOST     := $(call objects,$(wildcard src/*/*.c)) $(B)/obj/yyjson.o
PLUGDIR  := $(if $(filter dev,$(FORM)),build/plugins,$(B)/plugins)
SO       := $(PLUGINS:%=$(PLUGDIR)/%.so)
PROGRAM  := $(if $(filter release,$(FORM)),build/pangolin,$(B)/pangolin)

.PHONY: all dev release plugins program unit clean
all: dev
dev:
	@$(MAKE) --no-print-directory FORM=dev program plugins
release:
	@$(MAKE) --no-print-directory FORM=release program
program: $(PROGRAM)
plugins: $(SO)

# ---- what others wrote
$(DEPS)/.done: deps/fetch
	deps/fetch $(DEPS)
$(DEPS)/yyjson.c: $(DEPS)/.done ;
$(B)/obj/yyjson.o: $(DEPS)/.done
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -g -fPIC -fvisibility=hidden -ffunction-sections \
	    $(LDFLAGS) -c $(DEPS)/yyjson.c -o $@
$(KOBJ)/.done:
	@mkdir -p $(@D)
	$(MAKE) -s -C $(KORE) objects KORE_SINGLE_BINARY=1 \
	    OBJDIR=$(abspath $(KOBJ))
	@touch $@

# ---- ours
$(B)/obj/%.o: %.c build.conf Makefile $(DEPS)/.done
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c $< -o $@
$(B)/libbase.a: $(BASE)
	@rm -f $@ && $(AR) rcs $@ $^
$(B)/libhost.a: $(HOST)
	@rm -f $@ && $(AR) rcs $@ $^

define plugin
$(PLUGDIR)/$(1).so: $(call objects,$(wildcard $(patsubst %,%/*.c,plugins/$(1) $(SHARES_$(1))))) $(B)/libbase.a
	@mkdir -p $$(@D)
	$$(CC) $$(LDFLAGS) -shared $$(filter %.o,$$^) $(B)/libbase.a -o $$@ \
	    -Wl,--exclude-libs,ALL -Wl,--gc-sections \
	    $(if $(SAN),,-Wl$(comma)-z$(comma)defs) $(LIBS_$(1)) -lpthread -ldl
endef
comma := ,
$(foreach p,$(PLUGINS),$(eval $(call plugin,$(p))))

# The release carries the plugins as gzip blobs; the other forms none.
CARRIED := $(if $(filter release,$(FORM)),$(PLUGINS))
$(B)/gen/%.gz: $(PLUGDIR)/%.so
	@mkdir -p $(@D)
	strip -o $(B)/gen/$*.so $<
	gzip -9nc $(B)/gen/$*.so >$@
$(B)/gen/embedded.S: kore.conf plugins/embed $(CARRIED:%=$(B)/gen/%.gz)
	@mkdir -p $(@D)
	plugins/embed kore.conf $(CARRIED:%=$(B)/gen/%.gz) >$@
$(B)/obj/embedded.o: $(B)/gen/embedded.S
	@mkdir -p $(@D)
	$(CC) -c $< -o $@

$(PROGRAM): $(B)/obj/src/main.o $(B)/obj/embedded.o $(B)/libhost.a \
    $(KOBJ)/.done src/exported.syms
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $(HOST_LD) $(filter %.o,$^) $(KOBJ)/*.o \
	    -Wl,--whole-archive $(B)/libhost.a -Wl,--no-whole-archive \
	    $(DEPS)/libllhttp.a $(STATIC) -lpthread -ldl -lm -o $@

# ---- tests
UNIT := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c))
$(B)/unit/%: $(B)/obj/tests/unit/%.o $(B)/libhost.a $(DEPS)/.done
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $< $(B)/libhost.a $(DEPS)/libllhttp.a $(STATIC) \
	    -lcmocka -lpthread -ldl -lm -o $@
unit: $(UNIT)
	tests/unit/run $(UNIT)

clean:
	rm -rf build
.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
