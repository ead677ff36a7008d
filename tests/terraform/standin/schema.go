package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// schemas is what one provider offers, ready to be served.
type schemas struct {
	provider    *tfprotov6.Schema
	resources   map[string]*tfprotov6.Schema
	dataSources map[string]*tfprotov6.Schema
}

// The form of `terraform providers schema -json`, as far as it bears on judging a configuration.
type (
	jsonProvider struct {
		Provider    jsonSchema            `json:"provider"`
		Resources   map[string]jsonSchema `json:"resource_schemas"`
		DataSources map[string]jsonSchema `json:"data_source_schemas"`
	}
	jsonSchema struct {
		Version int64     `json:"version"`
		Block   jsonBlock `json:"block"`
	}
	jsonBlock struct {
		Attributes map[string]jsonAttribute `json:"attributes"`
		BlockTypes map[string]jsonNested    `json:"block_types"`
		Deprecated bool                     `json:"deprecated"`
	}
	jsonNested struct {
		NestingMode string    `json:"nesting_mode"`
		Block       jsonBlock `json:"block"`
		MinItems    int64     `json:"min_items"`
		MaxItems    int64     `json:"max_items"`
	}
	jsonAttribute struct {
		Type       json.RawMessage `json:"type"`
		NestedType *jsonObject     `json:"nested_type"`
		Required   bool            `json:"required"`
		Optional   bool            `json:"optional"`
		Computed   bool            `json:"computed"`
		Sensitive  bool            `json:"sensitive"`
		Deprecated bool            `json:"deprecated"`
		WriteOnly  bool            `json:"write_only"`
	}
	jsonObject struct {
		NestingMode string                   `json:"nesting_mode"`
		Attributes  map[string]jsonAttribute `json:"attributes"`
	}
)

var blockNesting = map[string]tfprotov6.SchemaNestedBlockNestingMode{
	"single": tfprotov6.SchemaNestedBlockNestingModeSingle,
	"list":   tfprotov6.SchemaNestedBlockNestingModeList,
	"set":    tfprotov6.SchemaNestedBlockNestingModeSet,
	"map":    tfprotov6.SchemaNestedBlockNestingModeMap,
	"group":  tfprotov6.SchemaNestedBlockNestingModeGroup,
}

var objectNesting = map[string]tfprotov6.SchemaObjectNestingMode{
	"single": tfprotov6.SchemaObjectNestingModeSingle,
	"list":   tfprotov6.SchemaObjectNestingModeList,
	"set":    tfprotov6.SchemaObjectNestingModeSet,
	"map":    tfprotov6.SchemaObjectNestingModeMap,
}

func readSchemas(path string) (*schemas, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var source jsonProvider
	if err := json.Unmarshal(text, &source); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	result := &schemas{}
	if result.provider, err = source.Provider.convert(); err != nil {
		return nil, fmt.Errorf("%s: provider: %w", path, err)
	}
	if result.resources, err = convertAll(source.Resources); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if result.dataSources, err = convertAll(source.DataSources); err != nil {
		return nil, fmt.Errorf("%s: data %w", path, err)
	}
	return result, nil
}

func convertAll(source map[string]jsonSchema) (map[string]*tfprotov6.Schema, error) {
	result := map[string]*tfprotov6.Schema{}
	for name, schema := range source {
		converted, err := schema.convert()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		result[name] = converted
	}
	return result, nil
}

func (s jsonSchema) convert() (*tfprotov6.Schema, error) {
	block, err := s.Block.convert()
	return &tfprotov6.Schema{Version: s.Version, Block: block}, err
}

func (b jsonBlock) convert() (*tfprotov6.SchemaBlock, error) {
	attributes, err := convertAttributes(b.Attributes)
	if err != nil {
		return nil, err
	}
	result := &tfprotov6.SchemaBlock{Attributes: attributes, Deprecated: b.Deprecated}
	for name, nested := range b.BlockTypes {
		mode, known := blockNesting[nested.NestingMode]
		if !known {
			return nil, fmt.Errorf("%s: unknown nesting mode %q", name, nested.NestingMode)
		}
		block, err := nested.Block.convert()
		if err != nil {
			return nil, fmt.Errorf("%s.%w", name, err)
		}
		result.BlockTypes = append(result.BlockTypes, &tfprotov6.SchemaNestedBlock{
			TypeName: name, Block: block, Nesting: mode, MinItems: nested.MinItems, MaxItems: nested.MaxItems,
		})
	}
	return result, nil
}

func convertAttributes(source map[string]jsonAttribute) ([]*tfprotov6.SchemaAttribute, error) {
	var result []*tfprotov6.SchemaAttribute
	for name, attribute := range source {
		converted, err := attribute.convert(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		result = append(result, converted)
	}
	return result, nil
}

func (a jsonAttribute) convert(name string) (*tfprotov6.SchemaAttribute, error) {
	result := &tfprotov6.SchemaAttribute{
		Name: name, Required: a.Required, Optional: a.Optional, Computed: a.Computed,
		Sensitive: a.Sensitive, Deprecated: a.Deprecated, WriteOnly: a.WriteOnly,
	}
	var err error
	if a.NestedType == nil {
		result.Type, err = tftypes.ParseJSONType(a.Type) //nolint:staticcheck // it reads the form of the file
		return result, err
	}
	mode, known := objectNesting[a.NestedType.NestingMode]
	if !known {
		return nil, fmt.Errorf("unknown nesting mode %q", a.NestedType.NestingMode)
	}
	attributes, err := convertAttributes(a.NestedType.Attributes)
	result.NestedType = &tfprotov6.SchemaObject{Attributes: attributes, Nesting: mode}
	return result, err
}
