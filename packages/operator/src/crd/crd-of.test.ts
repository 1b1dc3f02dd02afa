import { expect, test } from 'vitest';
import * as z from 'zod';
import { crdOf } from './crd-of.ts';

test('a kind becomes a definition with status, columns, selectable fields and rules', () => {
  const crd = crdOf({
    group: 'example.io',
    version: 'v1',
    kind: 'Box',
    plural: 'boxes',
    scope: 'Cluster',
    shortNames: ['bx'],
    description: 'A box.',
    spec: z.object({ nodeName: z.string() }),
    status: z.object({ state: z.string().optional() }),
    columns: [{ name: 'node', type: 'string', jsonPath: '.spec.nodeName' }],
    selectableFields: ['.spec.nodeName'],
    validations: [{ rule: 'self.spec.nodeName == oldSelf.spec.nodeName', message: 'nodeName is fixed' }],
  });
  expect(crd).toMatchInlineSnapshot(`
    {
      "apiVersion": "apiextensions.k8s.io/v1",
      "kind": "CustomResourceDefinition",
      "metadata": {
        "name": "boxes.example.io",
      },
      "spec": {
        "group": "example.io",
        "names": {
          "kind": "Box",
          "listKind": "BoxList",
          "plural": "boxes",
          "shortNames": [
            "bx",
          ],
          "singular": "box",
        },
        "scope": "Cluster",
        "versions": [
          {
            "additionalPrinterColumns": [
              {
                "jsonPath": ".spec.nodeName",
                "name": "node",
                "type": "string",
              },
            ],
            "name": "v1",
            "schema": {
              "openAPIV3Schema": {
                "description": "A box.",
                "properties": {
                  "apiVersion": {
                    "type": "string",
                  },
                  "kind": {
                    "type": "string",
                  },
                  "metadata": {
                    "type": "object",
                  },
                  "spec": {
                    "properties": {
                      "nodeName": {
                        "type": "string",
                      },
                    },
                    "required": [
                      "nodeName",
                    ],
                    "type": "object",
                  },
                  "status": {
                    "properties": {
                      "state": {
                        "type": "string",
                      },
                    },
                    "type": "object",
                  },
                },
                "required": [
                  "spec",
                ],
                "type": "object",
                "x-kubernetes-validations": [
                  {
                    "message": "nodeName is fixed",
                    "rule": "self.spec.nodeName == oldSelf.spec.nodeName",
                  },
                ],
              },
            },
            "selectableFields": [
              {
                "jsonPath": ".spec.nodeName",
              },
            ],
            "served": true,
            "storage": true,
            "subresources": {
              "status": {},
            },
          },
        ],
      },
    }
  `);
});
