// SPDX-License-Identifier: GPL-3.0-or-later

/// A formula of one line, such as `m_{eff}(t)`: single Latin letters are set in italics, words such as
/// log and what stands below the line, in `_{...}`, upright.
public struct Notation: Sendable, Equatable, ExpressibleByStringLiteral {
  /// One stretch of a formula in one kind of letters.
  private enum Part: Equatable {
    case italic(String)
    case upright(String)
    case below(String)
  }

  private var parts: [Part] = []

  public init(stringLiteral text: String) { self.init(text) }

  public init(_ text: String) {
    var rest = text[...]
    func isLatin(_ character: Character) -> Bool { character.isASCII && character.isLetter }
    while let first = rest.first {
      if rest.hasPrefix("_{"), let end = rest.firstIndex(of: "}") {
        parts.append(.below(String(rest.dropFirst(2).prefix(upTo: end))))
        rest = rest[rest.index(after: end)...]
      } else if isLatin(first) {
        let word = rest.prefix(while: isLatin)
        parts.append(word.count == 1 ? .italic(String(word)) : .upright(String(word)))
        rest = rest.dropFirst(word.count)
      } else {
        let others = rest.prefix { !isLatin($0) && $0 != "_" }
        let count = max(1, others.count)
        parts.append(.upright(String(rest.prefix(count))))
        rest = rest.dropFirst(count)
      }
    }
  }

  /// Words, which are no formula.
  public static func words(_ text: String) -> Notation {
    var notation = Notation("")
    notation.parts = [.upright(text)]
    return notation
  }

  static func + (left: Notation, right: Notation) -> Notation {
    var result = left
    result.parts += right.parts
    return result
  }

  /// Without any typography.
  public var plain: String {
    parts.map {
      switch $0 {
      case .italic(let text), .upright(let text): text
      case .below(let text): "_\(text)"
      }
    }.joined()
  }

  /// For the text of a page.
  var html: Markup {
    parts.map {
      switch $0 {
      case .italic(let text): .element("i", [.text(text)])
      case .upright(let text): .text(text)
      case .below(let text): .element("sub", [.text(text)])
      }
    }.joined()
  }

  /// For a `text` element of a picture.
  var svg: Markup {
    var isBelow = false
    return parts.map { part -> Markup in
      let wasBelow = isBelow
      isBelow = false
      switch part {
      case .italic(let text):
        return wasBelow
          ? .element("tspan", ["font-style": "italic", "dy": "-3"], [.text(text)])
          : .element("tspan", ["font-style": "italic"], [.text(text)])
      case .upright(let text):
        return wasBelow ? .element("tspan", ["dy": "-3"], [.text(text)]) : .text(text)
      case .below(let text):
        isBelow = true
        return .element("tspan", ["class": "below", "dy": "3"], [.text(text)])
      }
    }.joined()
  }
}

extension Notation {
  /// The symbol of a quantity that tables call by name; the name itself where it has none.
  static func symbol(of quantity: String) -> Notation {
    switch quantity {
    case "m": "⟨m⟩"
    case "abs_m": "⟨|m|⟩"
    case "m2": "⟨m²⟩"
    case "m4": "⟨m⁴⟩"
    case "chi2": "χ_{2}"
    case "chi": "χ"
    case "chi_m": "χ_{m}"
    case "U4": "U_{4}"
    case "V4": "V_{4}"
    case "xi2": "ξ_{2}"
    case "g_R": "g_{R}"
    case "phi2": "⟨φ²⟩"
    case "phi4": "⟨φ⁴⟩"
    case "energy": "E"
    case "action": "⟨S⟩/V"
    case "SD": "SD"
    case "m_eff": "m_{eff}"
    case "log_z": "log Z"
    case "log_z Bennett": "log Z_{BAR}"
    default: .words(quantity)
    }
  }

  /// The symbol of a coupling as sweep files call it.
  static func coupling(_ name: String) -> Notation {
    switch name {
    case "m2": "m²"
    case "lambda": "λ"
    case "kappa": "κ"
    case "c2": "c_{2}"
    case "c4": "c_{4}"
    default: Notation(name)
    }
  }

  /// The symbol of an observable on one configuration.
  static func observable(_ name: String) -> Notation {
    switch name {
    case "m2": "m²"
    case "phi2": "φ²"
    case "phi4": "φ⁴"
    case "action": "S/V"
    default: Notation(name)
    }
  }
}
