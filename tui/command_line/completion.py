"""What the shell offers when Tab is pressed in an argument."""


def connectors(incomplete: str) -> list[tuple[str, str]]:
    """The connectors of the catalog that begin so, with their names."""
    from catalog.catalog import Catalog

    return [
        (entry.connector_type, entry.display_name)
        for entry in Catalog.load().entries
        if entry.connector_type.startswith(incomplete)
    ]


def loadable_connectors(incomplete: str) -> list[tuple[str, str]]:
    """The connectors that have code and begin so, with their names."""
    from catalog.catalog import Catalog

    return [
        (entry.connector_type, entry.display_name)
        for entry in Catalog.load().entries
        if entry.has_code and entry.connector_type.startswith(incomplete)
    ]
