/// The candidate that was probably meant by `word`: the only one that it begins, or else the one
/// with the fewest slips of the keyboard, as long as those are few. The first one wins a tie.
func nearest(to word: String, among candidates: [String]) -> String? {
  let word = word.lowercased()
  let begun = candidates.filter { $0.lowercased().hasPrefix(word) }
  if begun.count == 1, word.contains(where: \.isLetter) { return begun[0] }
  var best: (candidate: String, distance: Int)?
  for candidate in candidates {
    // A third of the letters may be wrong.
    let limit = max(1, candidate.count / 3)
    guard abs(candidate.count - word.count) <= limit else { continue }
    let distance = editDistance(word, candidate.lowercased())
    if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.candidate
}

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to make one
/// word of the other, no place being changed twice. O(|a| · |b|).
func editDistance(_ a: String, _ b: String) -> Int {
  let a = Array(a)
  let b = Array(b)
  var beforeLast = [Int]()
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var cost = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        cost = min(cost, beforeLast[j - 1] + 1)
      }
      row.append(cost)
    }
    beforeLast = last
    last = row
  }
  return last[b.count]
}
