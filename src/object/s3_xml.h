/*
 * s3_xml.h - reads the small XML documents that S3 servers answer with, and
 * writes text into those that they are sent.
 *
 * It knows elements, text, entities of characters, and skips attributes,
 * comments and declarations; a document with more (CDATA, a DTD) is malformed.
 * Time and memory are linear in the text, at any depth: nothing recurses.
 */
#ifndef PANGOLIN_S3_XML_H
#define PANGOLIN_S3_XML_H

#include "base/buf.h"

struct xml_element {
	struct str name;
	struct str inside; /* what is between its tags, as it stands there */
};

/* Takes the next element off `rest`, which is a document or the inside of an
 * element.  False: there is none; then rest->ptr is NULL when the text is
 * malformed. */
MUST_CHECK bool xml_next(struct str *rest, struct xml_element *ret);

/* The inside of the first element of this name; ptr NULL: there is none. */
struct str xml_find(struct str inside, struct str name);

/* The text of an element that has no elements; ptr NULL: it is malformed. */
struct str xml_text(struct arena *, struct str inside);

/* Appends text in which what XML wants escaped is. */
void xml_add_text(struct buf *, struct str text);

#endif
