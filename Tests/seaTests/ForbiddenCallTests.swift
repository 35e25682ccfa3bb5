import Foundation
import Testing

/// Nothing in the sources reaches the network, a shell or code that is not linked.
@Suite struct ForbiddenCallTests {
  private static let types = ["FoundationNetworking", "URLSession", "Process", "CFSocket"]
  private static let functions = [
    "socket", "connect", "getaddrinfo", "gethostbyname", "system", "popen", "fork", "vfork",
    "execv", "execve", "execvp", "execl", "execlp", "execle", "posix_spawnp", "dlmopen", "syscall",
  ]
  /// One file starts a program, by its full path, and talks to it; one starts the tool itself; another asks whether the dynamic
  /// loader, or a folder of the system, has NVIDIA's driver.
  private static let allowed: [String: Set<String>] = [
    "Charts/Gnuplot.swift": ["posix_spawn", "socketpair"],
    "sea/DecoderProcess.swift": ["posix_spawn"],
    "OpenCLBackend/NVIDIADriver.swift": ["dlopen"],
  ]

  /// The names of types or of functions that are called, but for methods and declarations of ours.
  private static func uses(of types: [String], _ functions: [String], in text: String) -> Set<
    String
  > {
    let pattern =
      "\\b(\(types.joined(separator: "|")))\\b"
      + "|(?<![\\w.]|func )(?:Glibc\\.)?(\(functions.joined(separator: "|")))\\("
    guard let expression = try? NSRegularExpression(pattern: pattern) else { return [pattern] }
    let whole = NSRange(text.startIndex..., in: text)
    return Set(
      expression.matches(in: text, range: whole).compactMap { match in
        (1...2).lazy.compactMap { Range(match.range(at: $0), in: text) }.first.map {
          String(text[$0])
        }
      })
  }

  @Test func areNotThere() throws {
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources").standardized
    let names = try FileManager.default.subpathsOfDirectory(atPath: sources.path)
      .filter { $0.hasSuffix(".swift") || $0.hasSuffix(".h") }
    #expect(names.count > 200)
    for name in names {
      let text = try String(contentsOf: sources.appendingPathComponent(name), encoding: .utf8)
      #expect(Self.uses(of: Self.types, Self.functions, in: text).isEmpty, "\(name)")
      let special = Self.uses(of: Self.types, Self.allowed.values.flatMap(\.self), in: text)
      #expect(special == Self.allowed[name] ?? [], "\(name)")
    }
  }

  @Test(arguments: [
    ("import FoundationNetworking", "FoundationNetworking"), ("let code = system(text)", "system"),
    ("_ = Glibc.popen(a, b)", "popen"), ("x.system(1)", nil), ("func system(_ a: Int)", nil),
    ("Websocket(1)", nil), ("socketpair(1)", nil), ("if fork() == 0", "fork"),
  ])
  func areFound(text: String, name: String?) {
    #expect(Self.uses(of: Self.types, Self.functions, in: text) == Set([name].compactMap(\.self)))
  }
}
