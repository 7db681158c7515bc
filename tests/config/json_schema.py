"""As much of a JSON schema validator as our schema needs."""

import re
from typing import Any

Schema = dict[str, Any]

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
KNOWN = {
    *("$schema", "$defs", "$ref", "title", "description", "default", "examples", "format", "writeOnly"),
    *("type", "enum", "const", "pattern", "minLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("multipleOf", "items", "prefixItems", "minItems", "maxItems", "properties", "required", "additionalProperties"),
    *("propertyNames", "anyOf", "allOf", "if", "then", "not"),
}


def complaints(value: Any, schema: Schema, root: Schema, at: str = "") -> list[str]:
    """Where and why `value` does not fit; asserts that it knows every word of the schema."""
    assert schema.keys() <= KNOWN, schema.keys() - KNOWN
    if "$ref" in schema:
        return complaints(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, at)
    found = [*_of_kind(value, schema, at), *_of_choices(value, schema, root, at)]
    if isinstance(value, dict):
        found += _of_object(value, schema, root, at)
    if isinstance(value, list):
        found += _of_array(value, schema, root, at)
    return found


def _of_kind(value: Any, schema: Schema, at: str) -> list[str]:
    types = schema.get("type", [])
    allowed = [types] if isinstance(types, str) else types
    if allowed and not any(isinstance(value, _TYPES[name]) for name in allowed):
        return [f"{at}: no {' or '.join(allowed)}"]
    if allowed and isinstance(value, bool) and "boolean" not in allowed:
        return [f"{at}: no {' or '.join(allowed)}"]
    if value not in schema.get("enum", [value]) or value != schema.get("const", value):
        return [f"{at}: none of the choices"]
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        return [f"{at}: does not fit {schema['pattern']}"]
    if isinstance(value, int | float) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        return [f"{at}: out of range"]
    return []


def _of_choices(value: Any, schema: Schema, root: Schema, at: str) -> list[str]:
    found = [complaint for part in schema.get("allOf", []) for complaint in complaints(value, part, root, at)]
    if "anyOf" in schema and all(complaints(value, part, root, at) for part in schema["anyOf"]):
        found.append(f"{at}: fits none of the alternatives")
    if "not" in schema and not complaints(value, schema["not"], root, at):
        found.append(f"{at}: is what it must not be")
    if "if" in schema and not complaints(value, schema["if"], root, at):
        found += complaints(value, schema["then"], root, at)
    return found


def _of_object(value: dict[str, Any], schema: Schema, root: Schema, at: str) -> list[str]:
    properties, more = schema.get("properties", {}), schema.get("additionalProperties", True)
    found = [f"{at}.{name}: missing" for name in schema.get("required", []) if name not in value]
    for name, part in value.items():
        found += complaints(name, schema.get("propertyNames", {}), root, f"{at}.{name}")
        if name in properties:
            found += complaints(part, properties[name], root, f"{at}.{name}")
        elif more is False:
            found.append(f"{at}.{name}: unknown")
        elif isinstance(more, dict):
            found += complaints(part, more, root, f"{at}.{name}")
    return found


def _of_array(value: list[Any], schema: Schema, root: Schema, at: str) -> list[str]:
    found = []
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        found.append(f"{at}: {len(value)} items")
    prefix = schema.get("prefixItems", [])
    for index, part in enumerate(value):
        item = prefix[index] if index < len(prefix) else schema.get("items", {})
        found += complaints(part, item, root, f"{at}[{index}]")
    return found
