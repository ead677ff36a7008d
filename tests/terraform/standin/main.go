// A stand-in for a Terraform provider that cannot be had: it serves the real provider's schema, so that `validate`,
// `plan` and `terraform test` judge a configuration as the real one would. Data sources answer from a file of samples;
// applying records the plan in the state and touches nothing, unless somebody stands behind it.
//
// The schema is schema.json beside the program, in the form of `terraform providers schema -json`. The samples are
// named by WORKSPACED_STANDIN_DATA (see samples.go); WORKSPACED_STANDIN_<NAME>, like WORKSPACED_STANDIN_KUBERNETES, says
// who stands behind the provider of that name (see behind.go).
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, "stand-in provider:", err)
		os.Exit(1)
	}
}

func serve() error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	schemas, err := readSchemas(filepath.Join(filepath.Dir(program), "schema.json"))
	if err != nil {
		return err
	}
	samples, err := readSamples(os.Getenv("WORKSPACED_STANDIN_DATA"))
	if err != nil {
		return err
	}
	name := providerName(program)
	return tf6server.Serve(name, func() tfprotov6.ProviderServer {
		return &provider{
			name:    name,
			schemas: schemas,
			samples: samples,
			behind:  behind(os.Getenv("WORKSPACED_STANDIN_" + strings.ToUpper(name))),
		}
	})
}

// providerName: "kubernetes" of ".../terraform-provider-kubernetes_v2.38.0".
func providerName(program string) string {
	name := strings.TrimPrefix(filepath.Base(program), "terraform-provider-")
	name, _, _ = strings.Cut(name, "_v")
	return name
}

// provider implements what every configuration needs; the methods that it does not have (import, move, functions,
// ephemeral resources) are those of the embedded interface, which is nil: they are not announced, so not called.
type provider struct {
	tfprotov6.ProviderServer
	name    string
	schemas *schemas
	samples samples
	behind  behind
}

func (p *provider) GetMetadata(context.Context, *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	response := &tfprotov6.GetMetadataResponse{}
	for name := range p.schemas.resources {
		response.Resources = append(response.Resources, tfprotov6.ResourceMetadata{TypeName: name})
	}
	for name := range p.schemas.dataSources {
		response.DataSources = append(response.DataSources, tfprotov6.DataSourceMetadata{TypeName: name})
	}
	return response, nil
}

func (p *provider) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &tfprotov6.GetProviderSchemaResponse{
		Provider:          p.schemas.provider,
		ResourceSchemas:   p.schemas.resources,
		DataSourceSchemas: p.schemas.dataSources,
	}, nil
}

func (p *provider) GetResourceIdentitySchemas(context.Context, *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov6.GetResourceIdentitySchemasResponse{}, nil
}

func (p *provider) ValidateProviderConfig(_ context.Context, request *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: request.Config}, nil
}

func (p *provider) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

func (p *provider) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func (p *provider) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (p *provider) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
}

// UpgradeResourceState: a state that somebody else wrote is read as it stands.
func (p *provider) UpgradeResourceState(_ context.Context, request *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	response := &tfprotov6.UpgradeResourceStateResponse{}
	value, err := request.RawState.Unmarshal(p.schemas.resources[request.TypeName].ValueType())
	if err == nil {
		response.UpgradedState, err = dynamic(value)
	}
	response.Diagnostics = problem(err)
	return response, nil
}

func (p *provider) ReadResource(_ context.Context, request *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{NewState: request.CurrentState}, nil
}

// PlanResourceChange: what the configuration says; of a new object, what the real provider would compute is unknown.
func (p *provider) PlanResourceChange(_ context.Context, request *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	response := &tfprotov6.PlanResourceChangeResponse{PlannedState: request.ProposedNewState}
	schema := p.schemas.resources[request.TypeName]
	prior, err := request.PriorState.Unmarshal(schema.ValueType())
	if err == nil && prior.IsNull() {
		response.PlannedState, err = changed(schema, request.ProposedNewState, computedUnknown)
	}
	response.Diagnostics = problem(err)
	return response, nil
}

// ApplyResourceChange: the state records what was planned; where nobody stands behind it, a warning says so.
func (p *provider) ApplyResourceChange(ctx context.Context, request *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	response := &tfprotov6.ApplyResourceChangeResponse{NewState: request.PriorState}
	schema := p.schemas.resources[request.TypeName]
	applied, err := changed(schema, request.PlannedState, unknownInvented)
	if err == nil {
		err = p.behind.change(ctx, request.TypeName, schema, request.PriorState, applied)
	}
	if err == nil {
		response.NewState = applied
	}
	response.Diagnostics = problem(err)
	if p.behind == "" {
		response.Diagnostics = append(response.Diagnostics, &tfprotov6.Diagnostic{
			Severity: tfprotov6.DiagnosticSeverityWarning,
			Summary:  "The " + p.name + " provider is a stand-in: what it applies is recorded in the state and exists nowhere",
		})
	}
	return response, nil
}

func (p *provider) ReadDataSource(ctx context.Context, request *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	response := &tfprotov6.ReadDataSourceResponse{}
	config, err := request.Config.Unmarshal(p.schemas.dataSources[request.TypeName].ValueType())
	if err == nil {
		if config, err = p.answer(ctx, request.TypeName, config); err == nil {
			response.State, err = dynamic(config)
		}
	}
	response.Diagnostics = problem(err)
	return response, nil
}

func (p *provider) answer(ctx context.Context, typeName string, config tftypes.Value) (tftypes.Value, error) {
	if p.behind == "" {
		return p.samples.fill(typeName, config)
	}
	return p.behind.read(ctx, typeName, config)
}

// problem: err as what Terraform shows, nothing when there is none.
func problem(err error) []*tfprotov6.Diagnostic {
	if err == nil {
		return nil
	}
	return []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityError, Summary: err.Error()}}
}
