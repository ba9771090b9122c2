/*
 * MoreTests.java - the kit's catalog tests, with what it leaves off turned on.
 *
 * The kit asks for neither nested namespaces nor slashes in names, as its own
 * server has none, and skips the one test of places that no two tables share.
 */
package org.apache.iceberg.rest;

import org.junit.jupiter.api.Test;

public class MoreTests extends RESTCompatibilityKitCatalogTests {
	@Override
	protected boolean
	supportsNestedNamespaces()
	{
		return true;
	}

	@Override
	protected boolean
	supportsNamesWithSlashes()
	{
		return true;
	}

	/* An override has none of the annotations of what it overrides. */
	@Override
	@Test
	public void
	createTableInUniqueLocation()
	{
		super.createTableInUniqueLocation();
	}
}
