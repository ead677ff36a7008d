package main

import (
	"crypto/rand"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func dynamic(value tftypes.Value) (*tfprotov6.DynamicValue, error) {
	result, err := tfprotov6.NewDynamicValue(value.Type(), value)
	return &result, err
}

// changed: an object of this schema after `change` has seen each of its values, with the attribute that it is of (nil
// for a block and for what is inside an attribute).
func changed(schema *tfprotov6.Schema, object *tfprotov6.DynamicValue,
	change func(*tfprotov6.SchemaAttribute, tftypes.Value) tftypes.Value) (*tfprotov6.DynamicValue, error) {
	value, err := object.Unmarshal(schema.ValueType())
	if err != nil {
		return nil, err
	}
	value, err = tftypes.Transform(value, func(path *tftypes.AttributePath, part tftypes.Value) (tftypes.Value, error) {
		return change(attributeAt(schema.Block, path.Steps()), part), nil
	})
	if err != nil {
		return nil, err
	}
	return dynamic(value)
}

// computedUnknown: for the plan of a new object: unknown is what the provider computes and nobody has set.
func computedUnknown(attribute *tfprotov6.SchemaAttribute, value tftypes.Value) tftypes.Value {
	if attribute != nil && attribute.Computed && value.IsNull() {
		return tftypes.NewValue(value.Type(), tftypes.UnknownValue)
	}
	return value
}

// unknownInvented: something in the place of what is unknown after all. Only the provider can say what an `id` or a
// `result` is, so these get a random text, as long as the one password of the template; what the user could have set
// stays unset. (By an old custom of providers an `id` is optional too.)
func unknownInvented(attribute *tfprotov6.SchemaAttribute, value tftypes.Value) tftypes.Value {
	if value.IsKnown() {
		return value
	}
	usersToSet := attribute != nil && attribute.Optional && attribute.Name != "id"
	if value.Type().Is(tftypes.String) && !usersToSet {
		return tftypes.NewValue(tftypes.String, ("standin" + rand.Text() + rand.Text())[:43])
	}
	return tftypes.NewValue(value.Type(), nil)
}

// attributeAt: the attribute of block that path leads to, nil when it leads to a block or into a value.
func attributeAt(block *tfprotov6.SchemaBlock, path []tftypes.AttributePathStep) *tfprotov6.SchemaAttribute {
	for index, step := range path {
		name, isName := step.(tftypes.AttributeName)
		if !isName {
			continue // which one of a list or set of blocks
		}
		for _, attribute := range block.Attributes {
			if attribute.Name == string(name) && index == len(path)-1 {
				return attribute
			}
		}
		nested := blockNamed(block, string(name))
		if nested == nil {
			return nil
		}
		block = nested
	}
	return nil
}

func blockNamed(block *tfprotov6.SchemaBlock, name string) *tfprotov6.SchemaBlock {
	for _, nested := range block.BlockTypes {
		if nested.TypeName == name {
			return nested.Block
		}
	}
	return nil
}
