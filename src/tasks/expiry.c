#include "tasks/expiry.h"

#include "catalog/idempotency_keys.h"
#include "identity/sessions.h"
#include "oidc/sign_in_codes.h"
#include "record/rates.h"
#include "tasks/queue.h"

enum err
expiry_delete(struct call *c, int64_t history_us, bool *ret_more)
{
	int64_t now = clock_now_us();
	bool tasks, answers, sessions, codes, rates;

	TRY(queue_purge(c, now - history_us, &tasks));
	TRY(idempotency_expire(c, now, &answers));
	TRY(sessions_expire(c, now, &sessions));
	TRY(sign_in_codes_expire(c, now, &codes));
	TRY(rates_expire(c, now, &rates));
	*ret_more = tasks || answers || sessions || codes || rates;
	return OK;
}
