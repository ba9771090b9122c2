/*
 * absent.c - the calls of Kerberos and LDAP that libpq could make.
 *
 * Both libraries are left out, so that the plugin needs no package: each call
 * says that it failed, and libpq goes on without (or reports it, where the
 * server insists on Kerberos or the URL on a service from LDAP).
 */

#define HIDDEN __attribute__((visibility("hidden")))
#define ABSENT(type, name, answer)                                             \
	HIDDEN type name(void);                                                \
	type name(void)                                                        \
	{                                                                      \
		return answer;                                                 \
	}
#define GSS_FAILURE (13u << 16) /* RFC 2744, GSS_S_FAILURE */
#define GSS(name) ABSENT(unsigned, name, GSS_FAILURE)
#define LDAP(name) ABSENT(void *, name, (void *)0)

GSS(gss_acquire_cred)
GSS(gss_delete_sec_context)
GSS(gss_display_status)
GSS(gss_import_name)
GSS(gss_init_sec_context)
GSS(gss_release_buffer)
GSS(gss_release_cred)
GSS(gss_release_name)
GSS(gss_unwrap)
GSS(gss_wrap)
GSS(gss_wrap_size_limit)

extern HIDDEN void *GSS_C_NT_HOSTBASED_SERVICE;
void *GSS_C_NT_HOSTBASED_SERVICE;

/* Nothing follows ldap_init(), which answers that there is no memory. */
LDAP(ldap_init)
LDAP(ldap_count_entries)
LDAP(ldap_err2string)
LDAP(ldap_first_entry)
LDAP(ldap_get_values_len)
LDAP(ldap_msgfree)
LDAP(ldap_result)
LDAP(ldap_search_st)
LDAP(ldap_set_option)
LDAP(ldap_simple_bind)
LDAP(ldap_unbind)
LDAP(ldap_value_free_len)
