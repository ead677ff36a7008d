package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// samples: by type of data source, the objects that exist.
//
//	{"onepassword_item": [{"match": {"title": "claude-code"}, "result": {"credential": "..."}}]}
//
// The first whose `match` agrees with the configuration answers with its `result`; where none agrees, reading fails. A
// type that has no samples at all is found empty, as the Kubernetes provider finds a ConfigMap that does not exist.
type samples map[string][]sample

type sample struct {
	Match  map[string]any `json:"match"`
	Result map[string]any `json:"result"`
}

func readSamples(path string) (samples, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var result samples
	if err := json.Unmarshal(text, &result); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return result, nil
}

// fill: config with what the matching sample adds.
func (s samples) fill(typeName string, config tftypes.Value) (tftypes.Value, error) {
	candidates, sampled := s[typeName]
	if !sampled {
		return config, nil
	}
	asked, err := toJSON(config)
	if err != nil {
		return config, err
	}
	for _, candidate := range candidates {
		if contains(asked, candidate.Match) {
			return merge(config, candidate.Result)
		}
	}
	return config, fmt.Errorf("%s: there is no such object in %s", typeName, os.Getenv("WORKSPACED_STANDIN_DATA"))
}

// contains: has whole everything that part has? Objects may have more, all else must be equal.
func contains(whole, part any) bool {
	switch part := part.(type) {
	case map[string]any:
		object, ok := whole.(map[string]any)
		for key, value := range part {
			ok = ok && contains(object[key], value)
		}
		return ok
	case []any:
		list, ok := whole.([]any)
		ok = ok && len(list) == len(part)
		for index := range part {
			ok = ok && contains(list[index], part[index])
		}
		return ok
	default:
		return whole == part
	}
}

// merge: object with the attributes of addition in the place of its own.
func merge(object tftypes.Value, addition map[string]any) (tftypes.Value, error) {
	attributes := map[string]tftypes.Value{}
	if err := object.As(&attributes); err != nil {
		return object, err
	}
	types := object.Type().(tftypes.Object).AttributeTypes
	for name, value := range addition {
		attributeType, known := types[name]
		if !known {
			return object, fmt.Errorf("the answer has %q, which the schema does not have", name)
		}
		converted, err := fromJSON(attributeType, value)
		if err != nil {
			return object, fmt.Errorf("the answer's %q: %w", name, err)
		}
		attributes[name] = converted
	}
	return tftypes.NewValue(object.Type(), attributes), nil
}
