//! Attributes of schemas, and groups of them.

use super::super::*;
use super::{Place, Read, Reader, Table, xs};

impl Reader {
    pub(super) fn global_attribute(
        &mut self,
        name: &QName,
        place: Place,
        _: &str,
    ) -> Read<AttributeId> {
        if let Some(&id) = self.schema.global_attributes.get(name) {
            return Ok(id);
        }
        let id = self.attribute(name.clone(), place)?;
        self.schema.global_attributes.insert(name.clone(), id);
        Ok(id)
    }

    fn attribute(&mut self, name: QName, place: Place) -> Read<AttributeId> {
        let own = self.children(place).into_iter().find(|&c| self.word(c) == "simpleType");
        let kind = match (self.attr(place, "type").map(<[u8]>::to_vec), own) {
            (Some(text), _) => self.type_named(place, "type", &text)?,
            (None, Some(own)) => self.own_type(own)?,
            (None, None) => self.schema.global_types[&xs("anySimpleType")],
        };
        let value = |attribute| self.attr(place, attribute).map(<[u8]>::to_vec);
        let (fixed, default) = (value("fixed"), value("default"));
        self.schema.attributes.push(Attribute { name, kind, fixed, default });
        Ok(self.schema.attributes.len() - 1)
    }

    pub(super) fn attributes(&mut self, place: Place, complex: &mut ComplexType) -> Read<()> {
        for child in self.children(place) {
            match &self.word(child)[..] {
                "attribute" => {
                    let used = self.attribute_use(child)?;
                    let name = self.schema.attributes[used.attribute].name.clone();
                    let attributes = &self.schema.attributes;
                    complex.attributes.retain(|u| attributes[u.attribute].name != name);
                    if !used.prohibited {
                        complex.attributes.push(used);
                    }
                }
                "attributeGroup" => {
                    let text = self.required(child, "ref")?;
                    let name = self.resolve(child, &text);
                    let Some(at) = self.place_of(Table::AttributeGroup, &name) else {
                        let what = "attribute group definition";
                        return Err(self.unresolved(child, "ref", &name, what));
                    };
                    if self.open.contains(&at.1) {
                        return Err(self.unsupported(child, "A group that contains itself"));
                    }
                    self.open.push(at.1);
                    self.attributes(at, complex)?;
                    self.open.pop();
                }
                "anyAttribute" => complex.any_attribute = Some(self.wildcard(child)),
                _ => {}
            }
        }
        Ok(())
    }

    fn attribute_use(&mut self, place: Place) -> Read<AttributeUse> {
        let attribute = if let Some(text) = self.attr(place, "ref").map(<[u8]>::to_vec) {
            let name = self.resolve(place, &text);
            match (self.schema.global_attributes.get(&name), self.place_of(Table::Attribute, &name))
            {
                (Some(&id), _) => id,
                (None, Some(at)) => self.global_attribute(&name, at, "ref")?,
                (None, None) => {
                    return Err(self.unresolved(place, "ref", &name, "attribute declaration"));
                }
            }
        } else {
            let document = &self.documents[place.0];
            let qualified = match self.attr(place, "form") {
                Some(form) => form == b"qualified",
                None => document.qualified_attributes,
            };
            let ns = if qualified { document.target.clone() } else { None };
            let name = QName { ns, local: self.required(place, "name")?.into() };
            self.attribute(name, place)?
        };
        let value = |name| self.attr(place, name).map(<[u8]>::to_vec);
        let declared = &self.schema.attributes[attribute];
        Ok(AttributeUse {
            attribute,
            required: self.attr(place, "use") == Some(b"required"),
            prohibited: self.attr(place, "use") == Some(b"prohibited"),
            fixed: value("fixed").or_else(|| declared.fixed.clone()),
            default: value("default").or_else(|| declared.default.clone()),
        })
    }
}
