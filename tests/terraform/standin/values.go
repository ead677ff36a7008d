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

// computedUnknown: value with every attribute unknown that the provider computes and nobody has set. Terraform hands in
// an earlier state's value where there is one, so only what is new is null here.
func computedUnknown(block *tfprotov6.SchemaBlock, value tftypes.Value) (tftypes.Value, error) {
	return tftypes.Transform(value, func(path *tftypes.AttributePath, part tftypes.Value) (tftypes.Value, error) {
		if attribute := attributeAt(block, path.Steps()); attribute != nil && attribute.Computed && part.IsNull() {
			return tftypes.NewValue(part.Type(), tftypes.UnknownValue), nil
		}
		return part, nil
	})
}

// unknownInvented: value with something in the place of all that is unknown: strings are random, the rest is empty.
func unknownInvented(value tftypes.Value) (tftypes.Value, error) {
	return tftypes.Transform(value, func(_ *tftypes.AttributePath, part tftypes.Value) (tftypes.Value, error) {
		if part.IsKnown() {
			return part, nil
		}
		switch kind := part.Type(); {
		case kind.Is(tftypes.String):
			return tftypes.NewValue(kind, "standin"+rand.Text()), nil
		case kind.Is(tftypes.Number):
			return tftypes.NewValue(kind, 0), nil
		case kind.Is(tftypes.Bool):
			return tftypes.NewValue(kind, false), nil
		case kind.Is(tftypes.Map{}):
			return tftypes.NewValue(kind, map[string]tftypes.Value{}), nil
		case kind.Is(tftypes.List{}), kind.Is(tftypes.Set{}):
			return tftypes.NewValue(kind, []tftypes.Value{}), nil
		default:
			return tftypes.NewValue(kind, nil), nil
		}
	})
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
