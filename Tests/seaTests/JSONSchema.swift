import Foundation

/// A schema of docs/schemas, as far as these need one: JSON Schema, draft 2020-12.
struct JSONSchema {
  private let root: [String: Any]

  /// Reads docs/schemas/`name`.json.
  init(_ name: String) throws {
    let file = Page.root.appendingPathComponent("docs/schemas/\(name).json")
    let json = try JSONSerialization.jsonObject(with: try Data(contentsOf: file))
    root = json as? [String: Any] ?? [:]
  }

  init(_ root: [String: Any]) { self.root = root }

  /// What the value breaks, a line each, with its place.
  func faults(of value: Any) -> [String] { Self.faults(of: value, by: root, at: "$") }

  private static let annotations: Set = ["$schema", "title", "description"]

  private static func faults(of value: Any, by schema: [String: Any], at place: String) -> [String]
  {
    schema.keys.sorted().flatMap { keyword -> [String] in
      guard let rule = schema[keyword] else { return [] }
      switch keyword {
      case _ where annotations.contains(keyword): return []
      case "type": return isA(rule as? String ?? "", value) ? [] : ["\(place): no \(rule)"]
      case "anyOf":
        let found = (rule as? [[String: Any]] ?? []).map { faults(of: value, by: $0, at: place) }
        return found.contains([]) ? [] : found.flatMap(\.self)
      case "const": return "\(value)" == "\(rule)" ? [] : ["\(place): \(value), not \(rule)"]
      case "enum":
        let words = rule as? [String] ?? []
        return words.contains(value as? String ?? "")
          ? [] : ["\(place): \(value), none of \(words)"]
      case "minimum", "maximum":
        guard let number = value as? Double, let bound = rule as? Double else { return [] }
        let holds = keyword == "minimum" ? number >= bound : number <= bound
        return holds ? [] : ["\(place): \(number) beyond \(keyword) \(bound)"]
      case "minItems":
        let count = (value as? [Any])?.count ?? .max
        return count >= rule as? Int ?? 0 ? [] : ["\(place): \(count) items"]
      case "items":
        let items = value as? [Any] ?? []
        return items.enumerated().flatMap { i, item in
          faults(of: item, by: rule as? [String: Any] ?? [:], at: "\(place)[\(i)]")
        }
      case "required":
        let object = value as? [String: Any] ?? [:]
        return (rule as? [String] ?? []).filter { object[$0] == nil }.map { "\(place): no \($0)" }
      case "properties":
        let (object, known) = (value as? [String: Any] ?? [:], rule as? [String: Any] ?? [:])
        return known.keys.sorted().flatMap { key in
          object[key].map {
            faults(of: $0, by: known[key] as? [String: Any] ?? [:], at: "\(place).\(key)")
          } ?? []
        }
      case "additionalProperties":
        let known = schema["properties"] as? [String: Any] ?? [:]
        let others = (value as? [String: Any] ?? [:]).filter { known[$0.key] == nil }
        return others.keys.sorted().flatMap { key in
          guard let other = rule as? [String: Any] else { return ["\(place): \(key) is not known"] }
          return others[key].map { faults(of: $0, by: other, at: "\(place).\(key)") } ?? []
        }
      default: return ["\(place): the schema has a keyword \(keyword)"]
      }
    }
  }

  private static func isA(_ type: String, _ value: Any) -> Bool {
    switch type {
    case "object": return value is [String: Any]
    case "array": return value is [Any]
    case "string": return value is String
    case "null": return value is NSNull
    default: break
    }
    guard let number = value as? NSNumber else { return false }
    // A number of JSON is any of these types in Foundation; a truth value is a type of its own.
    let isBoolean = String(cString: number.objCType) == "c"
    switch type {
    case "boolean": return isBoolean
    case "integer": return !isBoolean && number.doubleValue == number.doubleValue.rounded()
    case "number": return !isBoolean
    default: return false
    }
  }
}
