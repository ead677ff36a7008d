package main

import (
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// toJSON: value as encoding/json would read it; null and unknown are nil.
func toJSON(value tftypes.Value) (any, error) {
	if value.IsNull() || !value.IsKnown() {
		return nil, nil
	}
	switch kind := value.Type(); {
	case kind.Is(tftypes.String):
		var result string
		err := value.As(&result)
		return result, err
	case kind.Is(tftypes.Bool):
		var result bool
		err := value.As(&result)
		return result, err
	case kind.Is(tftypes.Number):
		result := new(big.Float)
		err := value.As(&result)
		number, _ := result.Float64()
		return number, err
	case kind.Is(tftypes.Object{}), kind.Is(tftypes.Map{}):
		return objectToJSON(value)
	default:
		return listToJSON(value)
	}
}

func objectToJSON(value tftypes.Value) (any, error) {
	var parts map[string]tftypes.Value
	if err := value.As(&parts); err != nil {
		return nil, err
	}
	result := map[string]any{}
	for name, part := range parts {
		converted, err := toJSON(part)
		if err != nil {
			return nil, err
		}
		result[name] = converted
	}
	return result, nil
}

func listToJSON(value tftypes.Value) (any, error) {
	var parts []tftypes.Value
	if err := value.As(&parts); err != nil {
		return nil, err
	}
	result := []any{}
	for _, part := range parts {
		converted, err := toJSON(part)
		if err != nil {
			return nil, err
		}
		result = append(result, converted)
	}
	return result, nil
}

// fromJSON: source as a value of this type: what samples need, strings, numbers, truths, maps and lists of them.
func fromJSON(kind tftypes.Type, source any) (tftypes.Value, error) {
	switch source := source.(type) {
	case nil, string, bool, float64:
		if err := tftypes.ValidateValue(kind, source); err != nil {
			return tftypes.Value{}, err
		}
		return tftypes.NewValue(kind, source), nil
	case map[string]any:
		mapType, ok := kind.(tftypes.Map)
		if !ok {
			return tftypes.Value{}, fmt.Errorf("an object where %s is wanted", kind)
		}
		parts := map[string]tftypes.Value{}
		for key, part := range source {
			converted, err := fromJSON(mapType.ElementType, part)
			if err != nil {
				return tftypes.Value{}, err
			}
			parts[key] = converted
		}
		return tftypes.NewValue(kind, parts), nil
	case []any:
		listType, ok := kind.(tftypes.List)
		if !ok {
			return tftypes.Value{}, fmt.Errorf("a list where %s is wanted", kind)
		}
		parts := []tftypes.Value{}
		for _, part := range source {
			converted, err := fromJSON(listType.ElementType, part)
			if err != nil {
				return tftypes.Value{}, err
			}
			parts = append(parts, converted)
		}
		return tftypes.NewValue(kind, parts), nil
	default:
		return tftypes.Value{}, fmt.Errorf("%T is no value of a sample", source)
	}
}
