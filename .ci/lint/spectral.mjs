// Spectral with its OpenAPI rules and the OWASP API Security rules. Every exception says why it is one.
import owasp from "@stoplight/spectral-owasp-ruleset";
import { oas } from "@stoplight/spectral-rulesets";
import { defined, schema, xor } from "@stoplight/spectral-functions";

// The rules on sizes guard the server against what it is sent; what it answers has no size to defend against. So they look at
// bodies and parameters, with references resolved, and not at answers.
const sent = (kind) => [
  `$.paths[*][*].requestBody.content[*].schema..[?(@ && @.type == '${kind}')]`,
  `$.paths[*][*].parameters[*].schema..[?(@ && @.type == '${kind}')]`,
];
const limit = (text, given, then) => ({ message: text, severity: "error", given, then });

export default {
  extends: [oas, owasp],
  rules: {
    // The first line of each handler's comment is the summary; what it leaves nothing to add to has no second one.
    "operation-description": "off",
    // The header depends on the origin and on the checkout, for every answer alike: `Access-Control-*` is told once, in the guides.
    "owasp:api8:2023-define-cors-origin": "off",
    // Names, descriptions and search words of merchants and buyers are any text without control characters: a pattern would say no more.
    "owasp:api4:2023-string-restricted": "off",
    // Buyers have no account. What they may do is bound to a session's secret, which is in the spec as a scheme of its own; what is public by
    // intent is listed by hand in tests/it/contract/public_operations.txt, and a test tries every operation as nobody.
    "owasp:api2:2023-read-restricted": "off",
    "owasp:api2:2023-write-restricted": "off",
    // Public operations answer no 401, and a read without parameters finds nothing to refuse.
    "owasp:api8:2023-define-error-responses-401": "off",
    "owasp:api8:2023-define-error-validation": "off",
    // The token of a custom link is its address: it is made to be shared, opens an offer and no data.
    "owasp:api2:2023-no-credentials-in-url": "off",
    // Health, the spec, its explanations and the public keys are not limited: balancers and generators ask for them.
    "owasp:api4:2023-rate-limit": "off",
    "owasp:api4:2023-rate-limit-responses-429": "off",
    "owasp:api4:2023-string-limit": limit("A string that is sent needs maxLength, enum, const, or a pattern or format of fixed length.", sent("string"), {
      function: schema,
      functionOptions: {
        schema: {
          type: "object",
          anyOf: [
            { required: ["maxLength"] }, { required: ["enum"] }, { required: ["const"] }, { required: ["x-extensible-enum"] },
            // Ids, currencies, countries, colours: the pattern is anchored and has no open end.
            { required: ["pattern"], properties: { pattern: { pattern: "^\\^[^*+]*\\$$" } } },
          ],
        },
      },
    }),
    "owasp:api4:2023-array-limit": limit("An array that is sent needs maxItems.", sent("array"), { field: "maxItems", function: defined }),
    "owasp:api4:2023-integer-limit": limit("An integer that is sent needs minimum and maximum.", sent("integer"), [
      { function: xor, functionOptions: { properties: ["minimum", "exclusiveMinimum"] } },
      { function: xor, functionOptions: { properties: ["maximum", "exclusiveMaximum"] } },
    ]),
  },
};
