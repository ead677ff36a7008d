package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// behind: the address of somebody who plays what the real provider would talk to; empty when there is nobody. He is sent
// each change, and each question of a data source, and answers with an error or the answer:
//
//	POST {"change": "kubernetes_secret_v1", "prior": {…}, "planned": {…}}   200, or what is wrong
//	POST {"read": "kubernetes_config_map_v1", "config": {…}}                200 and the attributes to be added
//
// `prior` is null for what is new, `planned` for what is to go.
type behind string

func (b behind) change(ctx context.Context, typeName string, schema *tfprotov6.Schema,
	prior, planned *tfprotov6.DynamicValue) error {
	if b == "" {
		return nil
	}
	message := map[string]any{"change": typeName}
	for name, object := range map[string]*tfprotov6.DynamicValue{"prior": prior, "planned": planned} {
		value, err := object.Unmarshal(schema.ValueType())
		if err != nil {
			return err
		}
		if message[name], err = toJSON(value); err != nil {
			return err
		}
	}
	return b.ask(ctx, message, nil)
}

// read: config with what he adds to it.
func (b behind) read(ctx context.Context, typeName string, config tftypes.Value) (tftypes.Value, error) {
	asked, err := toJSON(config)
	if err != nil {
		return config, err
	}
	var result map[string]any
	if err := b.ask(ctx, map[string]any{"read": typeName, "config": asked}, &result); err != nil {
		return config, err
	}
	return merge(config, result)
}

func (b behind) ask(ctx context.Context, message map[string]any, answer any) error {
	text, err := json.Marshal(message)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, string(b), bytes.NewReader(text))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s", said)
	}
	if err == nil && answer != nil {
		err = json.Unmarshal(said, answer)
	}
	return err
}
