//! Constants, enum cases and properties.

use outlast_bytecode::{
    Attribute, ClassDecl, ConstDecl, ConstExpr, Literal, PropertyDecl, TypeDecl, class_flags as cf,
    member_flags as mf, type_bits as tb,
};
use outlast_syntax::ast::{
    self, Bytes, ConstItem, Expr, Ident, PropertyItem, Type, modifiers as m,
};

use crate::check::Target;
use crate::error::{R, fail};
use crate::scope::Compiler;
use crate::types::{accepts_null, literal_fits, literal_type, type_text};

/// The bits of written modifiers that members carry, public by default.
pub(super) fn member_flags(modifiers: u32) -> u32 {
    let flags = modifiers & !m::VAR;
    if flags & (m::PUBLIC | m::PROTECTED | m::PRIVATE) == 0 { flags | m::PUBLIC } else { flags }
}

fn has_bits(ty: &TypeDecl, bits: u32) -> bool {
    matches!(ty, TypeDecl::Union(u) if u.bits & bits != 0)
}

impl Compiler<'_> {
    pub(super) fn class_consts(
        &mut self,
        class: &mut ClassDecl,
        attributes: &[ast::Attribute],
        modifiers: u32,
        ty: Option<&Type>,
        items: &[ConstItem],
    ) -> R<()> {
        for (bit, word) in
            [(m::STATIC, "static"), (m::ABSTRACT, "abstract"), (m::READONLY, "readonly")]
        {
            if modifiers & bit != 0 {
                fail!(self, "Cannot use the ", word, " modifier on a class constant");
            }
        }
        let flags = member_flags(modifiers);
        let attributes = self.attributes(attributes, Target::ClassConstant)?;
        for item in items {
            self.f.line = item.name.span.line;
            let name = &item.name.text;
            if flags & mf::PRIVATE != 0 && flags & mf::FINAL != 0 {
                fail!(
                    self,
                    "Private constant ",
                    class.name,
                    "::",
                    name,
                    " cannot be final as it is not visible to other classes"
                );
            }
            let declared = match ty {
                Some(ty) => Some(self.const_type(class, name, ty)?),
                None => None,
            };
            let value = self.const_expr(&item.value, false)?;
            if let (Some(ty), ConstExpr::Value(literal)) = (&declared, &value)
                && !literal_fits(ty, literal)
            {
                fail!(
                    self,
                    "Cannot use ",
                    literal_type(literal),
                    " as value for class constant ",
                    class.name,
                    "::",
                    name,
                    " of type ",
                    type_text(ty)
                );
            }
            let constant = ConstDecl {
                name: name.to_box(),
                flags,
                ty: declared,
                value: Some(value),
                attributes: attributes.clone(),
                doc: item.doc.as_ref().map(|d| d.to_box()),
                line: item.name.span.line,
            };
            self.add_constant(class, constant)?;
        }
        Ok(())
    }

    fn const_type(&mut self, class: &ClassDecl, name: &[u8], ty: &Type) -> R<TypeDecl> {
        let ty = self.type_decl(ty)?;
        if has_bits(&ty, tb::VOID | tb::NEVER | tb::CALLABLE) {
            fail!(
                self,
                "Class constant ",
                class.name,
                "::",
                *name,
                " cannot have type ",
                type_text(&ty)
            );
        }
        Ok(ty)
    }

    fn add_constant(&self, class: &mut ClassDecl, constant: ConstDecl) -> R<()> {
        if constant.name.eq_ignore_ascii_case(b"class") {
            fail!(
                self,
                "A class constant must not be called 'class'; it is reserved for class name fetching"
            );
        }
        if class.flags & cf::INTERFACE != 0 && constant.flags & mf::PUBLIC == 0 {
            fail!(
                self,
                "Access type for interface constant ",
                class.name,
                "::",
                constant.name,
                " must be public"
            );
        }
        if class.constants.iter().any(|c| c.name == constant.name) {
            fail!(self, "Cannot redefine class constant ", class.name, "::", constant.name);
        }
        class.constants.push(constant);
        Ok(())
    }

    pub(super) fn enum_case(
        &mut self,
        class: &mut ClassDecl,
        attributes: &[ast::Attribute],
        name: &Ident,
        value: Option<&Expr>,
        doc: Option<&Bytes>,
    ) -> R<()> {
        if class.flags & cf::ENUM == 0 {
            fail!(self, "Case can only be used in enums");
        }
        let attributes = self.attributes(attributes, Target::ClassConstant)?;
        let value = match (value, &class.backing) {
            (Some(_), None) => {
                fail!(
                    self,
                    "Case ",
                    name.text,
                    " of non-backed enum ",
                    class.name,
                    " must not have a value"
                )
            }
            (None, Some(_)) => {
                fail!(
                    self,
                    "Case ",
                    name.text,
                    " of backed enum ",
                    class.name,
                    " must have a value"
                )
            }
            (Some(e), Some(_)) => Some(self.const_expr(e, false)?),
            (None, None) => None,
        };
        let case = ConstDecl {
            name: name.text.to_box(),
            flags: mf::PUBLIC | mf::ENUM_CASE,
            ty: None,
            value,
            attributes,
            doc: doc.map(|d| d.to_box()),
            line: name.span.line,
        };
        self.add_constant(class, case)
    }

    pub(super) fn properties(
        &mut self,
        class: &mut ClassDecl,
        attributes: &[ast::Attribute],
        modifiers: u32,
        ty: Option<&Type>,
        items: &[PropertyItem],
    ) -> R<()> {
        // PHP compiles the attributes behind the first property, which may move it to another line.
        let line = self.f.line;
        let attributes = self.attributes(attributes, Target::Property)?;
        let behind = self.f.line;
        for (i, item) in items.iter().enumerate() {
            self.f.line = if i == 0 { line } else { behind };
            let name = &item.name.text;
            if class.flags & cf::INTERFACE != 0 {
                if item.hooks.is_none() {
                    fail!(self, "Interfaces may only include hooked properties");
                }
                if modifiers & (m::PROTECTED | m::PRIVATE) != 0 {
                    fail!(self, "Property in interface cannot be protected or private");
                }
                if modifiers & m::FINAL != 0 {
                    fail!(self, "Property in interface cannot be final");
                }
                if modifiers & m::ABSTRACT != 0 {
                    fail!(
                        self,
                        "Property in interface cannot be explicitly abstract. All interface members are implicitly abstract"
                    );
                }
            }
            if class.flags & cf::ENUM != 0 {
                fail!(self, "Enum ", class.name, " cannot include properties");
            }
            if modifiers & m::ABSTRACT != 0 && item.hooks.is_none() {
                fail!(self, "Only hooked properties may be declared abstract");
            }
            let declared = match ty {
                Some(ty) => Some(self.property_type(class, name, ty)?),
                None => None,
            };
            let default =
                self.property_default(class, name, declared.as_ref(), item.default.as_ref())?;
            let mut flags = member_flags(modifiers);
            if class.flags & cf::READONLY != 0 {
                flags |= mf::READONLY;
            }
            let property = PropertyDecl {
                name: name.to_box(),
                flags,
                ty: declared,
                default,
                get: None,
                set: None,
                attributes: attributes.clone(),
                doc: item.doc.as_ref().map(|d| d.to_box()),
                line: item.name.span.line,
            };
            self.add_property(class, property, item.hooks.as_deref())?;
        }
        Ok(())
    }

    /// A property's type.
    pub(super) fn property_type(
        &mut self,
        class: &ClassDecl,
        name: &[u8],
        ty: &Type,
    ) -> R<TypeDecl> {
        let ty = self.type_decl(ty)?;
        if has_bits(&ty, tb::VOID | tb::NEVER | tb::CALLABLE) {
            fail!(
                self,
                "Property ",
                class.name,
                "::$",
                *name,
                " cannot have type ",
                type_text(&ty)
            );
        }
        Ok(ty)
    }

    fn property_default(
        &mut self,
        class: &ClassDecl,
        name: &[u8],
        ty: Option<&TypeDecl>,
        default: Option<&Expr>,
    ) -> R<Option<ConstExpr>> {
        let Some(e) = default else { return Ok(None) };
        let mut value = self.const_expr(e, false)?;
        if let (Some(ty), ConstExpr::Value(literal)) = (ty, &mut value) {
            if *literal == Literal::Null && !accepts_null(ty) {
                let text = type_text(ty);
                if matches!(ty, TypeDecl::Union(u) if u.intersections.is_empty())
                    && !text.contains(&b'|')
                {
                    fail!(
                        self,
                        "Default value for property of type ",
                        text,
                        " may not be null. Use the nullable type ?",
                        text,
                        " to allow null default value"
                    );
                }
                fail!(
                    self,
                    "Default value for property of type ",
                    text,
                    " may not be null. Use the nullable type ",
                    text,
                    "|null to allow null default value"
                );
            }
            if !literal_fits(ty, literal) {
                fail!(
                    self,
                    "Cannot use ",
                    literal_type(literal),
                    " as default value for property ",
                    class.name,
                    "::$",
                    *name,
                    " of type ",
                    type_text(ty)
                );
            }
            if let Literal::Int(i) = *literal
                && !has_bits(ty, tb::INT | tb::MIXED)
            {
                *literal = Literal::Float(i as f64);
            }
        }
        Ok(Some(value))
    }

    /// Checks a property and adds it with its hooks.
    pub(super) fn add_property(
        &mut self,
        class: &mut ClassDecl,
        mut property: PropertyDecl,
        hooks: Option<&[ast::PropertyHook]>,
    ) -> R<()> {
        let flags = property.flags;
        if flags & mf::FINAL != 0 && flags & mf::PRIVATE != 0 {
            fail!(self, "Property cannot be both final and private");
        }
        if flags & mf::ABSTRACT != 0 && flags & mf::FINAL != 0 {
            fail!(self, "Cannot use the final modifier on an abstract property");
        }
        if class.properties.iter().any(|p| p.name == property.name) {
            fail!(self, "Cannot redeclare ", class.name, "::$", property.name);
        }
        if flags & mf::READONLY != 0 {
            if hooks.is_some() {
                fail!(self, "Hooked properties cannot be readonly");
            }
            if property.ty.is_none() {
                fail!(
                    self,
                    "Readonly property ",
                    class.name,
                    "::$",
                    property.name,
                    " must have type"
                );
            }
            if flags & mf::STATIC != 0 {
                fail!(
                    self,
                    "Static property ",
                    class.name,
                    "::$",
                    property.name,
                    " cannot be readonly"
                );
            }
            if property.default.is_some() {
                fail!(
                    self,
                    "Readonly property ",
                    class.name,
                    "::$",
                    property.name,
                    " cannot have default value"
                );
            }
        }
        self.check_set_visibility(class, &mut property)?;
        if let Some(hooks) = hooks {
            self.hooks(class, &mut property, hooks)?;
        }
        class.properties.push(property);
        Ok(())
    }

    fn check_set_visibility(&self, class: &ClassDecl, property: &mut PropertyDecl) -> R<()> {
        let rank = |public: u32, protected: u32, private: u32, flags: u32| {
            if flags & private != 0 {
                Some(2)
            } else if flags & protected != 0 {
                Some(1)
            } else if flags & public != 0 {
                Some(0)
            } else {
                None
            }
        };
        let Some(set) = rank(mf::PUBLIC_SET, mf::PROTECTED_SET, mf::PRIVATE_SET, property.flags)
        else {
            return Ok(());
        };
        if property.flags & mf::STATIC != 0 {
            fail!(self, "Static property may not have asymmetric visibility");
        }
        if property.ty.is_none() {
            fail!(
                self,
                "Property with asymmetric visibility ",
                class.name,
                "::$",
                property.name,
                " must have type"
            );
        }
        let get = rank(mf::PUBLIC, mf::PROTECTED, mf::PRIVATE, property.flags).unwrap_or(0);
        if get > set {
            fail!(
                self,
                "Visibility of property ",
                class.name,
                "::$",
                property.name,
                " must not be weaker than set visibility"
            );
        }
        if get == set {
            // The same visibility is no asymmetry.
            property.flags &= !(mf::PUBLIC_SET | mf::PROTECTED_SET | mf::PRIVATE_SET);
        } else if set == 2 {
            property.flags |= mf::FINAL;
        }
        Ok(())
    }

    /// The property a constructor parameter is promoted to.
    pub(super) fn promoted_property(
        &mut self,
        class: &mut ClassDecl,
        param: &ast::Param,
        attributes: Vec<Attribute>,
    ) -> R<()> {
        if class.flags & cf::ENUM != 0 {
            fail!(self, "Enum ", class.name, " cannot include properties");
        }
        let ty = match &param.ty {
            Some(ty) => Some(self.property_type(class, &param.name.text, ty)?),
            None => None,
        };
        let mut flags = member_flags(param.modifiers) | mf::PROMOTED;
        if class.flags & cf::READONLY != 0 {
            flags |= mf::READONLY;
        }
        let property = PropertyDecl {
            name: param.name.text.to_box(),
            flags,
            // A promoted property has no default: the constructor assigns it.
            default: None,
            ty,
            get: None,
            set: None,
            attributes,
            doc: param.doc.as_ref().map(|d| d.to_box()),
            line: param.span.line,
        };
        self.add_property(class, property, param.hooks.as_deref())
    }
}
