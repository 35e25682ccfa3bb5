import Foundation
import Testing

/// Every key of the JSON that the tool writes is in docs/schemas, and holds what it says there.
@Suite(.serialized) final class SchemaTests: ToolSuite {
  let tool: Tool

  init() throws {
    tool = try Tool()
    try Data(
      """
      id,price,size,rooms,city,w
      h1,210,81,3,Rome,1
      h2,340,120,5,Paris,2
      h3,190,70,2,Rome,1
      h4,280,100,4,Bonn,1
      h5,300,110,4,Bonn,1
      h6,250,95,3,Paris,1
      h7,230,85,3,Rome,1
      h8,310,130,5,Bonn,1

      """.utf8
    ).write(to: tool.folder.appendingPathComponent("houses.csv"))
    for words in [
      "generate gaussian --rows 60 --columns 90 -k 4 --snr 15 -o p",
      "solve \(Self.table) -k 2 --intercept --model-output m.json -q",
      "solve --table houses.csv --target price --drop id,city -k 1 --model-output plain.json -q",
      "solve \(Self.labels) -k 1 --model-output labels.json -q",
      "solve \(Self.robust) -k 1 --model-output robust.json -q",
    ] {
      let outcome = try run(words)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
    }
  }

  deinit { tool.cleanUp() }

  private static let table = "--table houses.csv --target price --drop id --categorical city"

  private static let weights = "--table houses.csv --target w --drop id,city --intercept --ridge 1 "
  /// Labels of 1 and 2.
  private static let labels = weights + "--loss logistic"
  private static let counts = weights + "--loss poisson"
  private static let robust =
    "--table houses.csv --target price --drop id,city --loss huber --huber-threshold 9"

  @Test(arguments: [
    "solve -m p/A.npy -y p/y.npy -k 4 --check --truth p/x.npy",
    "solve -m p/A.npy -y p/y.npy -k 4 -a omp --precision single",
    "solve -m p/A.npy -y p/y.npy -k 2 --ridge 0.5 --nonnegative --intercept",
    "solve \(table) -k 2 --intercept --weights w --test houses.csv --alternatives 2",
    "solve -m p/A.npy -y p/A.npy -k 2 -a omp", "solve -m p/A.npy -y p/A.npy -k 2 --joint",
    "solve -m p/A.npy -y p/A.npy -k 2 --joint -a omp --loss huber --huber-threshold 0.1",
    "solve \(labels) -k 2 --standardize", "path \(counts) -k 2 --nonnegative",
    "path -m p/A.npy -y p/A.npy -k 2 --joint -a omp -c cv --folds 3 --loss huber --huber-threshold 0.1",
    "path -m p/A.npy -y p/y.npy -k 4 --truth p/x.npy", "path -m p/A.npy -y p/y.npy -k 3 -c none",
    "path \(table) -k 0:3 --intercept -c cv,ebic --folds 4",
    "path \(table) -k 2 --intercept --bootstrap 3 --effort quick",
    "path -m p/A.npy -y p/y.npy -k 2 --subsample 2 --effort quick",
    "path -m p/A.npy -y p/y.npy -k 9 -r 0.5",
    "path -m p/A.npy -y p/A.npy -k 2 -a omp",
    "path -m p/A.npy -y p/A.npy -k 2 -a omp --joint -c cv",
    "path -m p/A.npy -y p/A.npy -k 2 -a omp --joint --intercept --subsample 2",
    "predict --model m.json --table houses.csv",
    "solve \(labels) -k 2 --test houses.csv --alternatives 2 --check",
    "solve \(counts) -k 2 --test houses.csv", "solve \(robust) -k 2 --test houses.csv",
    "path \(labels) -k 0:2 -c cv,ebic --folds 4", "path \(counts) -k 2 --subsample 2",
    "path \(robust) -k 1 --folds 3",
    "predict --model labels.json --table houses.csv",
    "predict --model robust.json --table houses.csv",
  ])
  func describesResults(words: String) throws {
    let outcome = try run(words + " --json")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let json = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    let schema = try JSONSchema(String(words.prefix { $0 != " " }))
    let results = try #require(json as? [Any] ?? [json])
    let isOne =
      !words.contains("-y p/A.npy") || words.hasPrefix("path") && words.contains("--joint")
    #expect(results.count == (isOne ? 1 : 90))
    for result in results { #expect(schema.faults(of: result) == []) }
  }

  @Test(arguments: ["m.json", "plain.json", "labels.json", "robust.json"]) func describesModels(
    name: String
  ) throws {
    let data = try Data(contentsOf: tool.folder.appendingPathComponent(name))
    let model = try JSONSerialization.jsonObject(with: data)
    #expect(try JSONSchema("model").faults(of: model) == [])
  }

  /// A schema that lets everything pass would say nothing.
  @Test(arguments: [
    (#"{"a":1}"#, #"["$: no b", "$.a: no string"]"#),
    (#"{"a":"x","b":true}"#, #"["$.b: no integer"]"#),
    (#"{"a":"x","b":-1}"#, #"["$.b: -1.0 beyond minimum 0.0"]"#),
    (#"{"a":"y","b":1,"c":2}"#, #"["$: c is not known", "$.a: y, none of [\"x\"]"]"#),
    (#"{"a":"x","b":1,"d":[1,"x"]}"#, #"["$.d[1]: no number"]"#), (#"{"a":"x","b":2}"#, "[]"),
  ])
  func findsFaults(json: String, faults: String) throws {
    let schema: [String: Any] = [
      "type": "object", "required": ["a", "b"], "additionalProperties": false,
      "properties": [
        "a": ["type": "string", "enum": ["x"]] as [String: Any],
        "b": ["type": "integer", "minimum": 0.0] as [String: Any],
        "d": ["type": "array", "items": ["type": "number"]] as [String: Any],
      ],
    ]
    let value = try JSONSerialization.jsonObject(with: Data(json.utf8))
    let found = JSONSchema(schema).faults(of: value)
    #expect(
      json == #"{"a":1}"#
        ? found.contains("$: no b") && found.contains("$.a: no string") : "\(found)" == faults)
  }
}
