#include "base/hex.h"

void
hex_write(char *ret, struct str bytes)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char byte = (unsigned char)bytes.ptr[i];

		*ret++ = digits[byte >> 4];
		*ret++ = digits[byte & 15];
	}
}

bool
hex_read(struct arena *a, struct str hex, struct str *ret)
{
	char *bytes = arena_alloc(a, 1, hex.len / 2 + 1);

	for (size_t i = 0; i + 1 < hex.len; i += 2) {
		int high = str_hex_digit(hex.ptr[i]);
		int low = str_hex_digit(hex.ptr[i + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i / 2] = (char)(high << 4 | low);
	}
	*ret = (struct str){ bytes, hex.len / 2 };
	return hex.len % 2 == 0;
}
